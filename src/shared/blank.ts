/** Nothing but space, controls, and characters that show nothing (zero-width ones, fillers, variation selectors). */
const BLANK = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}]*$/u;

/** Whether nobody would see anything of `text`. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}
