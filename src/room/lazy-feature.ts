/** How a face reaches its feature. */
export interface FeatureAccess<Feature> {
  /** The feature, if it was started. */
  running(): Feature | undefined;
  /** Starts it, if it was not. Rejects with a ChatError when the room is not joined or has no features. */
  use(): Promise<Feature>;
}

/**
 * Makes what stands on the room object for a feature, such as `room.typing`, before its code is loaded. Getters give what
 * `empty` says until the feature runs. The first call of a method starts it, and so does the first look at a getter.
 *
 * @param quiet - The methods return nothing and ignore that the room is not joined; looks start nothing. Default: they return
 * promises.
 */
export function lazyFeature<Face extends object>(
  { running, use }: FeatureAccess<Face>,
  empty: Partial<Face>,
  methods: readonly (keyof Face)[],
  quiet = false,
): Face {
  const face = {} as Face;
  for (const name of Object.keys(empty) as (keyof Face)[])
    Object.defineProperty(face, name, {
      enumerable: true,
      get: () => {
        const feature = running();
        if (feature === undefined && !quiet) use().catch(() => {});
        return (feature ?? empty)[name];
      },
    });
  for (const name of methods)
    face[name] = ((...args: unknown[]) => {
      const call = (feature: Face) => (feature[name] as (...args: unknown[]) => unknown)(...args);
      if (!quiet) return use().then(call);
      const feature = running();
      // At once where that can be: a key and the message that is sent with it must not change places.
      if (feature !== undefined) call(feature);
      else
        use()
          .then(call)
          .catch(() => {});
    }) as Face[typeof name];
  return face;
}
