import type { Locator, Page } from 'playwright-core';

/** The box that messages are written in: the room's, where a thread is open beside it. */
export function box(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Message', exact: true }).first();
}

/** The row of a message in the room. */
export function row(page: Page, text: string): Locator {
  return page.locator('.main .message').filter({ has: page.locator('.text').filter({ hasText: text }) });
}

/** The row of an own message, once that is sent. */
export function sentRow(page: Page, text: string): Locator {
  return row(page, text).and(page.locator('[data-state=sent]'));
}

/** Opens the menu of a message. */
export async function openMenu(page: Page, text: string): Promise<void> {
  await row(page, text).hover();
  await row(page, text).locator('.more').click();
  await page.getByRole('menu').waitFor();
}

/** Chooses an item of a message's menu. */
export async function choose(page: Page, text: string, item: string | RegExp): Promise<void> {
  await openMenu(page, text);
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** Runs in the page. */
export function hasFocus(element: HTMLElement | SVGElement): boolean {
  const root = element.getRootNode();
  return root instanceof ShadowRoot && root.activeElement === element;
}

/** The parts of the header that are not seen whole. */
export function cutParts(page: Page): Promise<string[]> {
  return page.locator('.main > .bar').evaluate((bar) => {
    const parts = [...bar.querySelectorAll('.title, .status, button, slot[name=title], slot[name=header]')];
    const shown = parts.flatMap((part) =>
      part instanceof HTMLSlotElement ? part.assignedElements() : [part],
    );
    return shown
      .filter((part) => part.checkVisibility() && part.clientWidth > 0)
      .filter((part) => {
        const { left, right } = part.getBoundingClientRect();
        return part.scrollWidth > part.clientWidth || left < 0 || right > innerWidth;
      })
      .map((part) => part.outerHTML);
  });
}
