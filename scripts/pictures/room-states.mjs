import { arrow, box, label, picture } from './svg.mjs';

export const roomStates = () =>
  picture(
    760,
    290,
    {
      title: 'The status of a room',
      description:
        'From idle, join() leads to joining, and on to joined when the room is subscribed. A lost connection leads to reconnecting and back to joined. An error that trying again cannot help leads from joining or reconnecting to failed, from where join() leads back to joining. leave() leads from every status to left, from where join() leads to joining.',
    },
    [
      ...box(30, 40, 110, 50, 'idle'),
      ...box(230, 40, 120, 50, 'joining'),
      ...box(450, 40, 120, 50, 'joined'),
      ...box(450, 190, 130, 50, 'reconnecting'),
      ...box(230, 190, 120, 50, 'failed'),
      ...box(640, 190, 90, 50, 'left'),
      arrow('M140 65 H230'),
      label(185, 57, 'join()', { kind: 'small' }),
      arrow('M350 65 H450'),
      label(400, 57, 'subscribed', { kind: 'small' }),
      arrow('M495 90 V190'),
      label(487, 145, 'lost', { kind: 'small', anchor: 'end' }),
      arrow('M535 190 V90'),
      label(543, 145, 'recovered', { kind: 'small', anchor: 'start' }),
      arrow('M310 90 V190'),
      label(318, 145, 'error', { kind: 'small', anchor: 'start' }),
      arrow('M270 190 V90'),
      label(262, 145, 'join()', { kind: 'small', anchor: 'end' }),
      arrow('M450 215 H350'),
      label(400, 207, 'error', { kind: 'small' }),
      arrow('M570 65 H685 V190'),
      label(640, 57, 'leave()', { kind: 'small' }),
      arrow('M580 215 H640', { dashed: true }),
      label(380, 272, 'leave() leads from every status to left; join() from left to joining', {
        kind: 'small',
      }),
    ],
  );
