'use client';

export { ChatPage } from './chat-page';
