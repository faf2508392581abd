/** Tools of apps that are installed in the apps of `test/consumers`, and not here. */
declare module '@vitejs/plugin-react' {
  const plugin: () => import('vite').PluginOption;
  export default plugin;
}
declare module '@vitejs/plugin-vue' {
  const plugin: () => import('vite').PluginOption;
  export default plugin;
}
declare module '@sveltejs/vite-plugin-svelte' {
  export const svelte: () => import('vite').PluginOption;
}
