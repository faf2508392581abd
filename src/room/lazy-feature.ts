/** How a face reaches its feature. */
export interface FeatureAccess<Feature> {
  /** The feature, if it was started. */
  running(): Feature | undefined;
  /** Starts it, if it was not. Rejects with a ChatError when the room is not joined or has no features. */
  use(): Promise<Feature>;
}

/**
 * Makes what stands on the room object for a feature, such as `room.typing`, before its code is loaded. Getters give what
 * `empty` says until the feature runs. The first call of a method starts it.
 *
 * @param methods - Those that return a promise, and those that return nothing: the latter ignore that the room is not joined.
 * @param options - `started`: in a joined room, the first look at a getter starts the feature as well.
 */
export function lazyFeature<Face extends object>(
  access: FeatureAccess<Face>,
  empty: Partial<Face>,
  methods: { async?: readonly (keyof Face)[]; quiet?: readonly (keyof Face)[] },
  { started = false }: { started?: boolean } = {},
): Face {
  const face: Partial<Face> = {};
  for (const name of Object.keys(empty) as (keyof Face)[]) {
    const get = () => {
      const running = access.running();
      if (running === undefined && started) access.use().catch(() => {});
      return (running ?? empty)[name];
    };
    Object.defineProperty(face, name, { enumerable: true, get });
  }
  const call = async (name: keyof Face, args: unknown[]) => {
    const feature = await access.use();
    return (feature[name] as (...args: unknown[]) => unknown).apply(feature, args);
  };
  const method = (name: keyof Face, value: (...args: unknown[]) => unknown) =>
    Object.defineProperty(face, name, { enumerable: true, value });
  for (const name of methods.async ?? []) method(name, (...args) => call(name, args));
  for (const name of methods.quiet ?? [])
    method(name, (...args) => {
      const running = access.running();
      // At once where that can be: a key and the message that is sent with it must not change places.
      if (running !== undefined) (running[name] as (...args: unknown[]) => unknown).apply(running, args);
      else call(name, args).catch(() => {});
    });
  return face as Face;
}
