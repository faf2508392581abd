/** Sets an entry of a map that forgets: it becomes the newest one, and the oldest is dropped where there are more than `limit`. */
export function setNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > limit) map.delete(map.keys().next().value as Key);
}
