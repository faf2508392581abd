import { exceeds, TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import type { FeatureHost } from './feature.js';
import { DELETE, EDIT, encodeRevision, isDeletion, type Revision, revisionData } from './revision.js';

/** Tells those who are here of a revision. It is stored already: whoever misses it reads it. Rejects with a ChatError. */
export async function tellRevision(host: FeatureHost, id: string, revision: Revision): Promise<void> {
  const type = isDeletion(revision) ? DELETE : EDIT;
  const tooLarge = exceeds(encodeRevision(id, revision), TOPIC_PAYLOAD_BYTES);
  const data = tooLarge ? { of: id } : revisionData(id, revision);
  await host.events.send(type, data, { id: revision.id });
}
