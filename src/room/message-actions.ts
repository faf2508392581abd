import { textToSend } from '../messages/compose.js';
import type { JsonObject, Message, SendExtras } from '../messages/message.js';
import { invalidArgument } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';
import type { RoomCore } from './room-core.js';
import type { RoomFeatures } from './room-features.js';

/** Sends a message; see `ChatRoom.send()`. */
export async function sendMessage(core: RoomCore, text: unknown, options: unknown): Promise<Message> {
  if (!isObject(options)) throw invalidArgument('send the message', 'its options are not an object');
  const extras = options as SendExtras & { meta?: JsonObject | undefined };
  return core.send(textToSend(text, extras.files), extras);
}

/** The parts of a room that its messages are deleted with. `joined` throws unless the room is joined and has features. */
interface Parts {
  core: RoomCore;
  features: RoomFeatures | undefined;
  joined(): RoomFeatures;
}

/** Deletes a message of the room, or of a thread of it; see `ChatRoom.delete()`. */
export async function deleteMessage({ core, features, joined }: Parts, id: string): Promise<void> {
  const message = core.timeline.get(id);
  const root = message ? message.threadId : features?.running('threads')?.rootOf(id);
  if (root !== undefined && (message?.status ?? 'sent') === 'sent')
    return joined().threads.get(root).delete(id);
  if (message?.status !== 'failed') return (await joined().use('revisions')).delete(id);
  core.discard(id);
  // It may have been published or stored all the same.
  await features?.use('revisions').then(
    (writer) => void writer.bury(id).catch(() => {}),
    () => {},
  );
}
