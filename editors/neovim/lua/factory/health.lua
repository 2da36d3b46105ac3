-- `:checkhealth factory`
local M = {}

function M.check()
  local health = vim.health
  health.start('Neovim')
  if vim.fn.has('nvim-0.10') == 1 then
    health.ok('version ' .. tostring(vim.version()))
  else
    health.error('Neovim 0.10 or newer is needed')
  end

  health.start('Server')
  local command, problem = require('factory.server').find(vim.fs.root(0, '.git'))
  if command then
    health.ok('starts with ' .. table.concat(command, ' '))
    health.info('`factory-ls doctor` tells whether it can do its work')
  else
    health.error(problem, { 'uv tool install factory-ls', ':help factory-server' })
  end
  local clients = vim.lsp.get_clients({ name = 'factory' })
  for _, client in ipairs(clients) do
    local info = client.server_info
    health.ok(('runs for %s%s'):format(client.config.root_dir, info and ', version ' .. (info.version or '?') or ''))
  end
  if #clients == 0 then
    health.info('not running: it starts with the first file of a Git repository')
  end

  health.start('Programs it runs')
  for program, purpose in pairs({ git = 'worktrees', gh = 'pull requests and CI', claude = 'Claude sessions' }) do
    if vim.fn.executable(program) == 1 then
      health.ok(('%s (%s): %s'):format(program, purpose, vim.fn.exepath(program)))
    else
      health.warn(('%s is not on PATH: no %s'):format(program, purpose))
    end
  end
end

return M
