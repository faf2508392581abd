// The code of the page of lite-pagehide.test.ts.
import { ChatRoom } from 'momento-chat/lite';

Object.assign(globalThis, { ChatRoom });
