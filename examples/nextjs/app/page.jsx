import { Chat } from './chat.jsx';

/** Rendered on the server: the name in the address (`?name=Ada`). Yours takes the user from the session. */
export default async function Page({ searchParams }) {
  const { name } = await searchParams;
  return <Chat name={typeof name === 'string' && name.trim() ? name.trim() : 'Guest'} />;
}
