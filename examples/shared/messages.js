/** Shows the room's messages in the page's `role="log"`, the newest at the end. */
export function showMessages(room) {
  const log = document.querySelector('[role=log]');
  room.on('change', (messages) => {
    log.firstElementChild.replaceChildren(...messages.map((message) => rowOf(room, message)));
    log.scrollTop = log.scrollHeight;
  });
}

function rowOf(room, { id, user, text, status, verifiedUserId }) {
  const row = element('li', '', { className: status });
  // Known of live messages only: a stored one has nobody who vouches for it.
  const verified = verifiedUserId !== undefined && verifiedUserId === user.id;
  row.append(element('b', verified ? `${user.name} ✓` : user.name), ` ${text}`);
  if (status === 'failed') {
    const retry = element('button', 'Not sent. Try again', { type: 'button', className: 'quiet' });
    // Should it fail again, the message says so.
    retry.addEventListener('click', () => room.retry(id).catch(() => {}));
    row.append(' ', retry);
  }
  return row;
}

function element(name, text, properties) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
}
