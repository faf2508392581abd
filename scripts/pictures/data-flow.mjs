import { arrow, box, label, picture } from './svg.mjs';

export const dataFlow = () =>
  picture(
    760,
    330,
    {
      title: 'How data flows',
      description:
        'The page publishes to a topic and is subscribed to it, and it stores messages in a list and reads them there. Both are at Momento. It asks the token vendor for a token; the vendor mints it at Momento with the API key.',
    },
    [
      ...box(30, 90, 190, 70, 'Your page', 'ChatRoom'),
      ...box(30, 240, 190, 60, 'Your server', 'token vendor, API key'),
      '<rect class="area" x="470" y="30" width="260" height="270" rx="10" />',
      label(600, 52, 'Momento', { kind: 'strong' }),
      ...box(495, 68, 210, 52, 'topic lobby-chat', 'live messages'),
      ...box(495, 130, 210, 52, 'list lobby', 'history'),
      ...box(495, 192, 210, 52, 'topic and keys lobby:…', 'edits, reactions, presence, …'),
      label(600, 280, 'tokens'),
      arrow('M220 105 H495', { both: true }),
      label(357, 98, 'publish, subscribe', { kind: 'small' }),
      arrow('M220 125 H350 V156 H495', { both: true }),
      label(422, 149, 'store, read', { kind: 'small' }),
      arrow('M220 145 H320 V218 H495', { both: true }),
      label(407, 211, 'as features need it', { kind: 'small' }),
      arrow('M100 160 V240', { both: true }),
      label(112, 205, 'asks for a token', { kind: 'small', anchor: 'start' }),
      arrow('M220 275 H565', { both: true }),
      label(345, 268, 'mints one, if it has none', { kind: 'small' }),
    ],
  );
