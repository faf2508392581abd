const TEXTS = {
  idle: 'Not connected',
  joining: 'Connecting …',
  joined: 'Connected',
  reconnecting: 'Connection lost. Reconnecting …',
  left: 'Left',
  failed: 'Not connected. Reload the page to try again.',
};

/** Tells in the page's `role="status"` how the connection is, and in its `role="alert"` what failed. */
export function showConnection(room, user) {
  const status = document.querySelector('[role=status]');
  room.on('status', (now) => {
    status.textContent = now === 'joined' ? `${TEXTS.joined} as ${user.name}` : TEXTS[now];
    status.dataset.status = now;
    if (now === 'joined') showError(null);
  });
  room.on('error', showError);
}

/** Shows why something failed; null takes it away. */
export function showError(error) {
  document.querySelector('[role=alert]').textContent = error?.message ?? '';
}
