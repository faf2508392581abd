/** The features that are loaded when they are first used; `FeatureMap` says what each is. */
export type FeatureName =
  | 'files'
  | 'pins'
  | 'presence'
  | 'reactions'
  | 'read'
  | 'revisions'
  | 'search'
  | 'signals'
  | 'threads'
  | 'typing';

/** All of them: as keys, so that none can be left out. */
const FEATURES: Readonly<Record<FeatureName, 0>> = {
  files: 0,
  pins: 0,
  presence: 0,
  reactions: 0,
  read: 0,
  revisions: 0,
  search: 0,
  signals: 0,
  threads: 0,
  typing: 0,
};
export const FEATURE_NAMES: readonly string[] = /* @__PURE__ */ Object.keys(FEATURES);
