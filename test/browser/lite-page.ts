// What the page of lite-pagehide.test.ts runs.
import { ChatRoom } from 'momento-chat/lite';

Object.assign(globalThis, { ChatRoom });
