import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const ambient =
  'Take it through a port (src/core/ports): only src/infra, config.ts and main.ts may.';

/** Arrows point one way: domain <- ports <- core <- brokers, infra, api <- main. */
const layers = [
  { target: './src/core/domain', from: './src', except: ['./core/domain'] },
  { target: './src/core/ports', from: './src', except: ['./core/domain', './core/ports'] },
  { target: './src/core', from: './src', except: ['./core'] },
  { target: './src/brokers/*/**/*', from: './src', except: ['./core', './brokers'] },
  { target: './src/infra', from: './src', except: ['./core', './infra'] },
  { target: './src/api', from: './src', except: ['./core', './api'] },
  { target: './src/simulators', from: './src', except: ['./core/domain', './simulators'] },
];
const brokers = ['_template', 'neutral', 'paper', 'icici', 'zerodha', 'angel'];
for (const broker of brokers) {
  layers.push({
    target: `./src/brokers/${broker}`,
    from: './src/brokers',
    except: [`./${broker}`],
  });
}

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'data', 'coverage'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json' })],
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: false },
      ],
      'import-x/no-cycle': ['error', { maxDepth: 8 }],
      'import-x/no-restricted-paths': ['error', { zones: layers, basePath: import.meta.dirname }],
      'no-console': 'error',
      'max-lines': ['error', 500],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/infra/**', 'src/config.ts', 'src/main.ts', 'src/cli/**', 'src/simulators/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: ambient },
        { name: 'setInterval', message: ambient },
        { name: 'fetch', message: ambient },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: ambient },
        { object: 'Math', property: 'random', message: ambient },
        { object: 'process', property: 'env', message: ambient },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: ambient },
      ],
    },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\.{1,2}/|zod$|decimal\\.js$|node:crypto$).+',
              message: 'The core knows no library but zod (decimal.js inside decimal.ts).',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        fetch: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
