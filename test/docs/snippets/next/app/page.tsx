export { ChatPage as default } from './chat';
