import { exceeds, TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import { unable } from '../shared/errors.js';
import { dictionarySetFields } from '../transport/operations/dictionaries.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import type { FeatureHost } from './feature.js';
import { FieldKeeper } from './field-keeper.js';
import {
  DELETE,
  EDIT,
  encodeRevision,
  isByAuthor,
  isDeletion,
  REVISIONS,
  type Revision,
  revisionData,
} from './revision.js';
import type { Revisions } from './revisions.js';

/** Returns what writes the revisions of a room, and puts them right where two clients wrote at the same moment. */
export function revisionKeeper(host: FeatureHost, known: Revisions): FieldKeeper<Revision> {
  return new FieldKeeper(host, {
    stored: (ids, signal) => known.stored(ids, signal),
    better: (id, stored, wrote) => known.better(id, stored, wrote),
    write: (revisions) => writeRevisions(host, revisions),
    tell: (id, revision) => tellRevision(host, id, revision),
  });
}

async function writeRevisions(host: FeatureHost, revisions: ReadonlyMap<string, Revision>): Promise<void> {
  const fields = new Map([...revisions].map(([id, revision]) => [id, encodeRevision(id, revision)]));
  const input = { dictionary: host.key(REVISIONS), fields, ttlSeconds: host.ttlSeconds };
  try {
    await host.call(dictionarySetFields, input, { action: 'store the change' });
  } catch (problem) {
    if (!isWrongKind(problem)) throw problem;
    throw unable(
      'server',
      'store the change',
      'a member put an entry of another kind in the place of the edits',
      { cause: problem, retryable: false },
    );
  }
}

/**
 * Tells those who are here of a revision. It is stored already: whoever misses it reads it. One of somebody else is not believed
 * from here, and a large one fits in no event, so others are told to read it: each time anew, since they may have read another
 * meanwhile. Its own id goes along, as whoever made or wrote it too must not take that for another change, and tell of theirs
 * again. Rejects with a ChatError.
 */
async function tellRevision(host: FeatureHost, id: string, revision: Revision): Promise<void> {
  const isOwn = isByAuthor({ user: host.author() }, { by: revision.by });
  if (!isOwn || exceeds(encodeRevision(id, revision), TOPIC_PAYLOAD_BYTES))
    await host.events.send(EDIT, { of: id, id: revision.id });
  else
    await host.events.send(isDeletion(revision) ? DELETE : EDIT, revisionData(id, revision), {
      id: revision.id,
    });
}
