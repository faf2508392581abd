import { mount } from 'svelte';
import Chat from './chat.svelte';

const target = document.getElementById('app');
if (target) mount(Chat, { target });
