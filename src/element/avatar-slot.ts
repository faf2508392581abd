import type { ChatUser } from '../messages/message.js';

/** A copy of the `<template slot="avatar">` of the page, which is told whose picture it is; undefined where there is none. */
export function slottedAvatar(element: Element, user: Readonly<ChatUser>): Node | undefined {
  const template = element.querySelector<HTMLTemplateElement>(':scope > template[slot=avatar]');
  const copy = template?.content.cloneNode(true);
  const first = copy instanceof DocumentFragment ? copy.firstElementChild : undefined;
  if (first instanceof HTMLElement) {
    first.dataset.userId = user.id ?? '';
    first.dataset.userName = user.name;
  }
  return copy;
}
