import './page.css';

export const metadata = { title: 'Next.js', icons: { icon: 'data:,' } };
export const viewport = { colorScheme: 'light dark' };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <main>{children}</main>
      </body>
    </html>
  );
}
