import { defineConfig } from 'vite';

export default defineConfig({
  server: { proxy: { '/token': 'http://localhost:3000' } },
});
