import { defineConfig } from "vitest/config";

// One server per file, files one after another: they share two cores with the server under test.
export default defineConfig({
  test: { include: ["*.test.ts"], testTimeout: 30_000, hookTimeout: 30_000, fileParallelism: false, reporters: ["default"] },
});
