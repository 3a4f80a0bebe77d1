document.documentElement.dataset.compass = 'north'
