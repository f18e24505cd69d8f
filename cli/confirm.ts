import { createInterface } from 'node:readline';

/** Whether whoever sits at the terminal types the word. Without a terminal nobody does. */
export async function confirmed(question: string, word: string): Promise<boolean> {
  return process.stdin.isTTY === true && (await ask(question)) === word;
}

/** The line typed; empty at the end of the input. */
async function ask(question: string): Promise<string> {
  // Not as a terminal, which would take Ctrl-C away from us.
  const prompt = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await new Promise((resolve) => {
      prompt.once('close', () => resolve(''));
      prompt.question(question, (answer) => resolve(answer.trim()));
    });
  } finally {
    prompt.close();
  }
}
