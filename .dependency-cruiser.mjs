/**
 * Which folder of `src/` may import which: an allow-list, types included. Nothing that is not in the list may import
 * anything, and no circle is allowed. `docs/architecture.md` says the same in words.
 */
const ALLOWED = {
  'shared/': [],
  'messages/': ['shared/'],
  'grpc-web/': ['shared/'],
  'storage/': ['messages/', 'shared/'],
  'transport/': ['grpc-web/', 'shared/'],
  'session/': ['storage/', 'transport/', 'shared/'],
  'delivery/': ['messages/', 'session/', 'transport/', 'shared/'],
  'sync/': ['messages/', 'session/', 'transport/', 'shared/'],
  'features/': ['messages/', 'transport/', 'shared/'],
  'directory/': ['features/', 'sync/', 'messages/', 'session/', 'transport/', 'shared/'],
  'history.ts': ['messages/', 'shared/'],
  'room/': [
    'features/',
    'sync/',
    'delivery/',
    'history.ts',
    'messages/',
    'session/',
    'storage/',
    'transport/',
    'shared/',
  ],
  'chat-room.ts': [
    'room/',
    'features/',
    'history.ts',
    'messages/',
    'delivery/',
    'sync/',
    'session/',
    'transport/',
    'shared/',
  ],
  'web-room.ts': ['chat-room.ts', 'room/', 'shared/'],
  'web-session.ts': ['directory/', 'session/', 'shared/'],
  'lite-room.ts': ['chat-room.ts', 'room/', 'shared/'],
  'lite-session.ts': ['directory/', 'session/', 'shared/'],
  // Public types, the same for every way to Momento.
  'public-types.ts': [
    'room/',
    'features/',
    'sync/',
    'delivery/',
    'messages/',
    'session/',
    'transport/',
    'shared/',
  ],
  'lite.ts': ['lite-room.ts', 'lite-session.ts', 'public-types.ts', 'shared/'],
  'index.ts': ['web-room.ts', 'web-session.ts', 'public-types.ts', 'shared/'],
  'ui/': ['index.ts', 'shared/observable.ts'],
  'react/': ['ui/', 'index.ts', 'shared/observable.ts'],
  'vue/': ['ui/', 'index.ts', 'shared/observable.ts'],
  'svelte/': ['ui/', 'index.ts', 'shared/observable.ts'],
  'element/': ['lite-room.ts', 'lite-session.ts', 'room/', 'messages/', 'session/', 'storage/', 'shared/'],
  'server/': ['grpc-web/', 'shared/'],
  'token-vendor.ts': ['server/', 'shared/'],
  'local/': ['grpc-web/', 'shared/'],
  'testing/': ['local/', 'shared/'],
};

const pattern = (place) => (place.endsWith('/') ? `^src/${place}` : `^src/${place.replace('.', '[.]')}$`);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'in-the-list',
      severity: 'error',
      from: { path: '^src/', pathNot: Object.keys(ALLOWED).map(pattern) },
      to: { path: '^src/' },
    },
    ...Object.entries(ALLOWED).map(([place, allowed]) => ({
      name: `from-${place}`,
      severity: 'error',
      from: { path: pattern(place) },
      to: { path: '^src/', pathNot: [place, ...allowed].map(pattern) },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
