export function visitor(): { id: string; name: string };
