// The code of the page of large-files.test.ts.
import { ChatRoom } from 'momento-chat';

Object.assign(globalThis, { ChatRoom });
