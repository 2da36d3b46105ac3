if vim.g.loaded_factory then
  return
end
vim.g.loaded_factory = true

vim.api.nvim_create_user_command('Factory', function(command)
  require('factory.commands').run(command.fargs)
end, {
  nargs = '+',
  desc = 'CI failures, Claude sessions and the ratchet (:help factory)',
  complete = function(lead, line)
    return require('factory.commands').complete(lead, line)
  end,
})
