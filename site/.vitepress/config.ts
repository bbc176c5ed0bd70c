import { join } from 'node:path';
import { slug } from 'github-slugger';
import { defineConfig, type DefaultTheme } from 'vitepress';
import reference from '../../docs/reference/typedoc-sidebar.json' with { type: 'json' };

/** A list of pages, by their titles. */
function pages(titles: Record<string, string>): DefaultTheme.SidebarItem[] {
  return Object.entries(titles).map(([text, link]) => ({ text, link }));
}

const SIDEBAR: DefaultTheme.SidebarItem[] = [
  {
    text: 'Begin',
    items: pages({
      'Getting started': '/getting-started',
      'A chat app': '/chat-app',
      'An agent with tools': '/agent',
      Migrating: '/migrating',
    }),
  },
  {
    text: 'Guides',
    items: pages({
      Guide: '/guide',
      'In the browser': '/browser',
      'The viewer': '/viewer',
      'In a terminal': '/terminal',
      'Inside a Nest application': '/nest',
      Securing: '/securing',
      Redaction: '/redaction',
      Erasure: '/erasure',
      'Several replicas': '/scaling',
      Testing: '/testing',
      Observability: '/observability',
    }),
  },
  {
    text: 'Reference',
    items: [
      ...pages({ Service: '/service', Options: '/options', Endpoints: '/endpoints' }),
      { text: 'Types', collapsed: true, items: reference },
    ],
  },
  {
    text: 'Behind it',
    items: pages({
      Reliability: '/reliability',
      Compatibility: '/compatibility',
      Architecture: '/architecture',
      Benchmarks: '/benchmarks',
    }),
  },
];

export default defineConfig({
  title: 'nestjs-session-logger',
  description: 'An ordered, bounded, resumable log for every chat or agent session of a NestJS app.',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' }]],
  srcDir: '../docs',
  outDir: './dist',
  cleanUrls: true,
  // As on GitHub, so that the same links lead to the same places.
  markdown: { anchor: { slugify: slug } },
  vite: { publicDir: join(import.meta.dirname, '../../docs/images') },
  themeConfig: {
    sidebar: SIDEBAR,
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
