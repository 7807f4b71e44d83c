import { defineConfig } from "vitest/config";

// One server per file, files one after another: they share two cores with the server under test.
const patience = process.env.BONI_PRISM ? 120_000 : 30_000;   // Prism makes an example of everything before it listens
export default defineConfig({
  test: { include: ["*.test.ts"], testTimeout: patience, hookTimeout: patience, fileParallelism: false, reporters: ["default"] },
});
