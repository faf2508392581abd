import type { Clients } from './sdk-clients.js';

/** Every call on an item that both SDKs offer, with the access that it takes. */
export const ITEM_CALLS: Record<
  string,
  { needs: 'read' | 'write'; call: (clients: Clients, cache: string, key: string) => Promise<object> }
> = {
  get: { needs: 'read', call: (c, cache, key) => c.cache.get(cache, key) },
  getWithHash: { needs: 'read', call: (c, cache, key) => c.cache.getWithHash(cache, key) },
  getBatch: { needs: 'read', call: (c, cache, key) => c.cache.getBatch(cache, [key]) },
  keyExists: { needs: 'read', call: (c, cache, key) => c.cache.keyExists(cache, key) },
  keysExist: { needs: 'read', call: (c, cache, key) => c.cache.keysExist(cache, [key]) },
  itemGetType: { needs: 'read', call: (c, cache, key) => c.cache.itemGetType(cache, key) },
  itemGetTtl: { needs: 'read', call: (c, cache, key) => c.cache.itemGetTtl(cache, key) },
  set: { needs: 'write', call: (c, cache, key) => c.cache.set(cache, key, 'v') },
  setBatch: { needs: 'write', call: (c, cache, key) => c.cache.setBatch(cache, { [key]: 'v' }) },
  setWithHash: { needs: 'write', call: (c, cache, key) => c.cache.setWithHash(cache, key, 'v') },
  setIfAbsent: { needs: 'write', call: (c, cache, key) => c.cache.setIfAbsent(cache, key, 'v') },
  setIfPresent: { needs: 'write', call: (c, cache, key) => c.cache.setIfPresent(cache, key, 'v') },
  setIfEqual: { needs: 'write', call: (c, cache, key) => c.cache.setIfEqual(cache, key, 'v', 'w') },
  setIfPresentAndHashEqual: {
    needs: 'write',
    call: (c, cache, key) => c.cache.setIfPresentAndHashEqual(cache, key, 'v', new Uint8Array([1])),
  },
  delete: { needs: 'write', call: (c, cache, key) => c.cache.delete(cache, key) },
  increment: { needs: 'write', call: (c, cache, key) => c.cache.increment(cache, key) },
  updateTtl: { needs: 'write', call: (c, cache, key) => c.cache.updateTtl(cache, key, 1000) },
  increaseTtl: { needs: 'write', call: (c, cache, key) => c.cache.increaseTtl(cache, key, 1000) },
  decreaseTtl: { needs: 'write', call: (c, cache, key) => c.cache.decreaseTtl(cache, key, 1000) },
  listPushFront: { needs: 'write', call: (c, cache, key) => c.cache.listPushFront(cache, key, 'v') },
  listPushBack: { needs: 'write', call: (c, cache, key) => c.cache.listPushBack(cache, key, 'v') },
  listConcatenateFront: {
    needs: 'write',
    call: (c, cache, key) => c.cache.listConcatenateFront(cache, key, ['v']),
  },
  listConcatenateBack: {
    needs: 'write',
    call: (c, cache, key) => c.cache.listConcatenateBack(cache, key, ['v']),
  },
  listFetch: { needs: 'read', call: (c, cache, key) => c.cache.listFetch(cache, key) },
  listLength: { needs: 'read', call: (c, cache, key) => c.cache.listLength(cache, key) },
  listPopFront: { needs: 'write', call: (c, cache, key) => c.cache.listPopFront(cache, key) },
  listPopBack: { needs: 'write', call: (c, cache, key) => c.cache.listPopBack(cache, key) },
  listRemoveValue: { needs: 'write', call: (c, cache, key) => c.cache.listRemoveValue(cache, key, 'v') },
  listRetain: { needs: 'write', call: (c, cache, key) => c.cache.listRetain(cache, key, { startIndex: 1 }) },
  dictionaryFetch: { needs: 'read', call: (c, cache, key) => c.cache.dictionaryFetch(cache, key) },
  dictionaryGetField: { needs: 'read', call: (c, cache, key) => c.cache.dictionaryGetField(cache, key, 'f') },
  dictionaryGetFields: {
    needs: 'read',
    call: (c, cache, key) => c.cache.dictionaryGetFields(cache, key, ['f']),
  },
  dictionaryLength: { needs: 'read', call: (c, cache, key) => c.cache.dictionaryLength(cache, key) },
  dictionarySetField: {
    needs: 'write',
    call: (c, cache, key) => c.cache.dictionarySetField(cache, key, 'f', 'v'),
  },
  dictionarySetFields: {
    needs: 'write',
    call: (c, cache, key) => c.cache.dictionarySetFields(cache, key, { f: 'v' }),
  },
  dictionaryIncrement: {
    needs: 'write',
    call: (c, cache, key) => c.cache.dictionaryIncrement(cache, key, 'n'),
  },
  dictionaryRemoveField: {
    needs: 'write',
    call: (c, cache, key) => c.cache.dictionaryRemoveField(cache, key, 'f'),
  },
  dictionaryRemoveFields: {
    needs: 'write',
    call: (c, cache, key) => c.cache.dictionaryRemoveFields(cache, key, ['f']),
  },
  setFetch: { needs: 'read', call: (c, cache, key) => c.cache.setFetch(cache, key) },
  setSample: { needs: 'read', call: (c, cache, key) => c.cache.setSample(cache, key, 1) },
  setLength: { needs: 'read', call: (c, cache, key) => c.cache.setLength(cache, key) },
  setContainsElement: { needs: 'read', call: (c, cache, key) => c.cache.setContainsElement(cache, key, 'e') },
  setContainsElements: {
    needs: 'read',
    call: (c, cache, key) => c.cache.setContainsElements(cache, key, ['e']),
  },
  setAddElement: { needs: 'write', call: (c, cache, key) => c.cache.setAddElement(cache, key, 'e') },
  setAddElements: { needs: 'write', call: (c, cache, key) => c.cache.setAddElements(cache, key, ['e']) },
  setRemoveElement: { needs: 'write', call: (c, cache, key) => c.cache.setRemoveElement(cache, key, 'e') },
  setRemoveElements: {
    needs: 'write',
    call: (c, cache, key) => c.cache.setRemoveElements(cache, key, ['e']),
  },
  setPop: { needs: 'write', call: (c, cache, key) => c.cache.setPop(cache, key, 1) },
  sortedSetFetchByRank: { needs: 'read', call: (c, cache, key) => c.cache.sortedSetFetchByRank(cache, key) },
  sortedSetFetchByScore: {
    needs: 'read',
    call: (c, cache, key) => c.cache.sortedSetFetchByScore(cache, key),
  },
  sortedSetGetScore: { needs: 'read', call: (c, cache, key) => c.cache.sortedSetGetScore(cache, key, 'e') },
  sortedSetGetScores: {
    needs: 'read',
    call: (c, cache, key) => c.cache.sortedSetGetScores(cache, key, ['e']),
  },
  sortedSetGetRank: { needs: 'read', call: (c, cache, key) => c.cache.sortedSetGetRank(cache, key, 'e') },
  sortedSetLength: { needs: 'read', call: (c, cache, key) => c.cache.sortedSetLength(cache, key) },
  sortedSetLengthByScore: {
    needs: 'read',
    call: (c, cache, key) => c.cache.sortedSetLengthByScore(cache, key),
  },
  sortedSetPutElement: {
    needs: 'write',
    call: (c, cache, key) => c.cache.sortedSetPutElement(cache, key, 'e', 1),
  },
  sortedSetPutElements: {
    needs: 'write',
    call: (c, cache, key) => c.cache.sortedSetPutElements(cache, key, { e: 1 }),
  },
  sortedSetIncrementScore: {
    needs: 'write',
    call: (c, cache, key) => c.cache.sortedSetIncrementScore(cache, key, 'e'),
  },
  sortedSetRemoveElement: {
    needs: 'write',
    call: (c, cache, key) => c.cache.sortedSetRemoveElement(cache, key, 'e'),
  },
  sortedSetRemoveElements: {
    needs: 'write',
    call: (c, cache, key) => c.cache.sortedSetRemoveElements(cache, key, ['e']),
  },
};
