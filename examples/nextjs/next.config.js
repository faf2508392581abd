/** @type {import('next').NextConfig} */
export default {
  // This folder alone, although the repository around it has a lock file as well.
  turbopack: { root: import.meta.dirname },
};
