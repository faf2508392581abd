/** The features that are loaded when they are first used; `FeatureMap` says what each is. */
export type FeatureName = 'signals' | 'threads' | 'files' | 'search' | 'revisions' | 'pins';
