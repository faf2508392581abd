/** Chunks that a room loads where it was given a `logger` or a `storage`, where nothing decodes images, or for a file too large for the SDK. */
const OPTIONAL = ['./room-log-*', './room-storage-*', './image-size-*', './fetch-transport-*'];
/** Chunks that a room loads when a feature is first used. */
const FEATURES = [
  './signals-*',
  './typing-*',
  './presence-*',
  './read-*',
  './reaction-writer-*',
  './revision-writer-*',
  './pins-*',
  './files-*',
  './message-search-*',
  './threads-*',
];

/** The check warns of every chunk that a bundler may leave out, some thousand lines: only what stops it is told. */
const quiet = (config) => ({ ...config, logLevel: 'error' });

const checks = [
  {
    name: 'ChatRoom, with the page (own code)',
    path: 'dist/index.js',
    import: '{ ChatRoom }',
    ignore: ['@gomomento/sdk-web', 'eventemitter3', './web-runtime-*', ...OPTIONAL],
    limit: '4.7 kB',
  },
  {
    name: 'ChatRoom, when a room is joined, no feature used (own code)',
    path: 'dist/index.js',
    import: '{ ChatRoom }',
    ignore: ['@gomomento/sdk-web', 'eventemitter3', ...OPTIONAL, ...FEATURES],
    limit: '42.35 kB',
  },
  {
    name: 'ChatRoom, when a room is joined, every feature used (own code)',
    path: 'dist/index.js',
    import: '{ ChatRoom }',
    ignore: ['@gomomento/sdk-web', 'eventemitter3', ...OPTIONAL],
    limit: '63.4 kB',
  },
  {
    name: 'ChatError alone',
    path: 'dist/index.js',
    import: '{ ChatError }',
    ignore: [],
    limit: '0.4 kB',
  },
  {
    name: 'lite: ChatRoom, with the page',
    path: 'dist/lite.js',
    import: '{ ChatRoom }',
    ignore: ['./lite-runtime-*', ...OPTIONAL],
    limit: '5.5 kB',
  },
  {
    name: 'lite: ChatRoom, when a room is joined, no feature used',
    path: 'dist/lite.js',
    import: '{ ChatRoom }',
    ignore: ['./sdk-*', ...OPTIONAL, ...FEATURES],
    limit: '42.85 kB',
  },
  {
    name: 'lite: ChatRoom, when a room is joined, every feature used',
    path: 'dist/lite.js',
    import: '{ ChatRoom }',
    ignore: ['./sdk-*', ...OPTIONAL],
    limit: '64.45 kB',
  },
  {
    name: 'lite: everything, the directory included',
    path: 'dist/lite.js',
    import: '*',
    ignore: ['./sdk-*', ...OPTIONAL],
    limit: '73.55 kB',
  },
  {
    name: "react: hooks over a room of the app's own",
    path: 'dist/react.js',
    import:
      '{ RoomProvider, useMessages, useConnection, useDraft, useTyping, useMembers, useUnread, useThread }',
    ignore: ['react'],
    limit: '3.2 kB',
  },
  {
    name: "vue: composables over a room of the app's own",
    path: 'dist/vue.js',
    import: '{ useMessages, useConnection, useDraft, useTyping, useMembers, useUnread, useThread }',
    ignore: ['vue'],
    limit: '3.35 kB',
  },
  {
    name: 'svelte: RoomState',
    path: 'dist/svelte.js',
    import: '{ RoomState }',
    ignore: ['svelte'],
    limit: '3.05 kB',
  },
  {
    name: 'element: the interface, without the client',
    path: 'dist/element.js',
    ignore: ['./chunk-*', './lite-runtime-*', './search-pane-*', './around-pane-*', './image-size-*'],
    limit: '31.65 kB',
  },
  {
    name: 'element: the interface, without the client, every pane opened',
    path: 'dist/element.js',
    ignore: ['./chunk-*', './lite-runtime-*', './image-size-*'],
    limit: '33.6 kB',
  },
  {
    name: 'storage: indexedDb()',
    path: 'dist/storage.js',
    import: '{ indexedDb }',
    ignore: [],
    limit: '1.9 kB',
  },
  {
    name: 'storage: loaded by a room that has one',
    path: 'dist/room-storage-*.js',
    ignore: ['./chunk-*'],
    limit: '4.25 kB',
  },
  {
    name: 'Everything, the SDK included',
    path: 'dist/index.js',
    import: '*',
    ignore: OPTIONAL,
    limit: '280.15 kB',
  },
];

export default checks.map((check) => ({ gzip: true, modifyEsbuildConfig: quiet, ...check }));
