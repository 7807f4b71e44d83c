// What comes one after the other, and who waits for one of it.
export class Arrivals<T> {
  readonly all: T[] = [];
  private waiting: (() => void)[] = [];

  add(one: T): void {
    this.all.push(one);
    this.waiting.splice(0).forEach((wake) => wake());
  }

  /** The first that fits, past or future; `missing` says what did not come. */
  async first(fits: (one: T) => boolean, withinMs: number, missing: () => string): Promise<T> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = this.all.find(fits);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`${missing()} in ${withinMs} ms`);
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, Math.max(1, deadline - Date.now()));
        this.waiting.push(() => { clearTimeout(timer); wake(); });
      });
    }
  }
}
