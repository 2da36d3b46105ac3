if vim.g.loaded_factory then
  return
end
vim.g.loaded_factory = true

vim.api.nvim_create_autocmd('BufReadCmd', {
  pattern = 'factory://*',
  callback = function(event)
    require('factory.buffers').open(event.buf, event.match)
  end,
})

for name, command in pairs({
  ['fix'] = 'ci fix',
  ['problems'] = 'ci problems',
  ['answer'] = 'session answer',
  ['transcript'] = 'session open',
  ['status'] = 'status',
}) do
  vim.keymap.set('n', ('<Plug>(factory-%s)'):format(name), ('<Cmd>Factory %s<CR>'):format(command))
end

vim.api.nvim_create_user_command('Factory', function(command)
  require('factory.commands').run(command.fargs)
end, {
  nargs = '+',
  desc = 'CI failures, Claude sessions and the ratchet (:help factory)',
  complete = function(lead, line)
    return require('factory.commands').complete(lead, line)
  end,
})
