import { ENGLISH } from './english.js';
import { GERMAN } from './german.js';
import type { Texts } from './texts.js';

const LANGUAGES: Readonly<Record<string, Texts>> = { en: ENGLISH, de: GERMAN };

/** The language that an element is in: its own `lang`, that of what it stands in, or the reader's. */
export function languageOf(element: Element): string {
  let at: Element | null = element;
  while (at !== null) {
    const lang = at.getAttribute('lang');
    if (lang !== null && lang !== '') return lang;
    const parent: Element | null = at.parentElement;
    const root: Node = at.getRootNode();
    at = parent ?? (root instanceof ShadowRoot ? root.host : null);
  }
  return navigator.language;
}

/** The texts in a language, English where it is not known, with the app's own over them. */
export function textsIn(language: string, own: Partial<Texts> | undefined): Texts {
  const known = LANGUAGES[language.toLowerCase().split('-', 1)[0] ?? ''] ?? ENGLISH;
  return { ...known, ...own, errors: { ...known.errors, ...own?.errors } };
}

/** Times, days and numbers as the language writes them. */
export interface Formats {
  clock(date: Date): string;
  moment(date: Date): string;
  /** Day and time, short. */
  stamp(date: Date): string;
  day(date: Date): string;
  count(value: number): string;
  percent(share: number): string;
  size(bytes: number): string;
}

export function formatsIn(language: string, texts: Texts): Formats {
  // Numbers and times follow the reader's own region where it speaks the same language.
  const own = navigator.languages.find((one) => one.split('-', 1)[0] === language.split('-', 1)[0]);
  const locale = own ?? supported(language);
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' });
  const stamp = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const thisYear = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  const anyYear = new Intl.DateTimeFormat(locale, { dateStyle: 'long' });
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent' });
  const unit = (name: string) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, maximumFractionDigits: 1 });
  return {
    clock: (date) => clock.format(date),
    moment: (date) => moment.format(date),
    stamp: (date) => stamp.format(date),
    day(date) {
      const today = new Date();
      const yesterday = new Date(today);
      yesterday.setDate(today.getDate() - 1);
      if (date.toDateString() === today.toDateString()) return texts.today;
      if (date.toDateString() === yesterday.toDateString()) return texts.yesterday;
      return (date.getFullYear() === today.getFullYear() ? thisYear : anyYear).format(date);
    },
    count: (value) => compact.format(value),
    percent: (share) => percent.format(share),
    size: (bytes) =>
      bytes < 1024 * 1024
        ? unit('kilobyte').format(Math.max(0.1, bytes / 1024))
        : unit('megabyte').format(bytes / 1024 / 1024),
  };
}

function supported(language: string): string | undefined {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf([language])[0];
  } catch {
    // Not the name of a language.
    return undefined;
  }
}

/** A failure that says itself what happened, in the language of the reader. */
export class InWords extends Error {}

/** Returns the words that tell a person about an error: what happened, and what they can do. */
export function inWords(error: unknown, texts: Texts): string {
  if (error instanceof InWords) return error.message;
  const { code, message } = (error ?? {}) as { code?: keyof Texts['errors']; message?: string };
  // Only here does the library's own message, which is English, say what the person typed wrong.
  const isEnglish = texts.errors['invalid-argument'] === ENGLISH.errors['invalid-argument'];
  if (code === 'invalid-argument' && isEnglish && typeof message === 'string') return sentence(message);
  return (code !== undefined && texts.errors[code]) || texts.unknownError;
}

function sentence(message: string): string {
  const reason = message.slice(message.indexOf(';') + 1).trim();
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.!?]$/.test(reason) ? '' : '.'}`;
}
