/**
 * Nothing but space, controls, and characters that show nothing: zero-width ones, fillers, variation selectors, marks of
 * annotations, the braille pattern without a dot, the note without a head.
 */
const BLANK = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800\u{1d159}]*$/u;

/** Whether nobody would see anything of `text`. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}
