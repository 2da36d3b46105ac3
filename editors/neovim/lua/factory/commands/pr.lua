local client = require('factory.client')
local pick = require('factory.pick')

local M = {}

function M.refresh()
  client.execute('factory.pr.refresh', { workspace = pick.current_workspace().id })
end

return M
