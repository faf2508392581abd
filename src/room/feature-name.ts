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

/** All of them. */
export const FEATURE_NAMES: readonly FeatureName[] = [
  'files',
  'pins',
  'presence',
  'reactions',
  'read',
  'revisions',
  'search',
  'signals',
  'threads',
  'typing',
];
