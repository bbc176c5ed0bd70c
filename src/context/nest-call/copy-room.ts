/** How many levels deep a copy goes. */
export const MAX_DEPTH = 8;

/** How many members it has of one object or list. */
export const MAX_BREADTH = 100;

/** Characters of one text that are looked at: twice as many as there is room for, as frames take none. */
export const MAX_TEXT = 131_072;

/** Bounds the copies that are made of what one call was given: 1,000 values with 65,536 characters together. */
export class CopyRoom {
  private values = 1000;
  private characters = 65_536;

  get isFull(): boolean {
    return this.values <= 0 || this.characters <= 0;
  }

  takeValue(): void {
    this.values--;
  }

  /** As much of a text as there is room for, and a mark where that is not all. */
  takeText(text: string): string {
    const kept = text.slice(0, this.characters);
    this.characters -= kept.length;
    return kept.length < text.length ? `${kept}…` : kept;
  }
}
