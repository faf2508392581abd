import { exceeds, TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import type { FeatureHost } from './feature.js';
import {
  DELETE,
  EDIT,
  encodeRevision,
  isByAuthor,
  isDeletion,
  type Revision,
  revisionData,
} from './revision.js';

/**
 * Tells those who are here of a revision. It is stored already: whoever misses it reads it. One of somebody else is not believed
 * from here, so others are told to read it; with its own id, as whoever made or wrote it too must not take that for another
 * change, and tell of theirs again. Rejects with a ChatError.
 */
export async function tellRevision(host: FeatureHost, id: string, revision: Revision): Promise<void> {
  const isOwn = isByAuthor({ user: host.author() }, { by: revision.by });
  const isTold = isOwn && !exceeds(encodeRevision(id, revision), TOPIC_PAYLOAD_BYTES);
  const type = isTold && isDeletion(revision) ? DELETE : EDIT;
  const data = isTold ? revisionData(id, revision) : { of: id };
  await host.events.send(type, data, { id: revision.id });
}
