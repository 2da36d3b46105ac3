-- A session's stream as lines of text: what was said, tools in one line each.
local value = require('factory.status').value

local M = {}

---@class factory.Transcript
---@field seen integer the last event's number
---@field calls table<string, string> tool call → what it was

---@return factory.Transcript
function M.new()
  return { seen = 0, calls = {} }
end

---@param found any
---@return string
local function text(found)
  return type(found) == 'string' and found or ''
end

---@param content any
---@return table[]
local function blocks(content)
  return type(content) == 'table' and content or {}
end

---@param lines string[]
---@param title string
---@param body string
local function say(lines, title, body)
  vim.list_extend(lines, { '## ' .. title, '' })
  vim.list_extend(lines, vim.split(vim.trim(body), '\n'))
  table.insert(lines, '')
end

---What a tool is used on: its file, command or pattern, in one line.
---@param input any
---@return string
local function subject(input)
  input = type(input) == 'table' and input or {}
  return text(input.file_path or input.command or input.pattern or input.description):match('[^\n]*')
end

---One line that neither side of the conversation said.
---@param lines string[]
---@param words string
local function note(lines, words)
  vim.list_extend(lines, vim.split('- ' .. vim.trim(words), '\n'))
  table.insert(lines, '')
end

---@type table<string, string|fun(event: table): string>
local SYSTEM = {
  api_retry = function(event)
    return ('the API failed (%s); it is asked again'):format(value(event.error_status) or 'no answer')
  end,
  compact_boundary = 'the conversation so far was summed up to make room',
}

---@type table<string, fun(lines: string[], event: table, transcript: factory.Transcript)>
local HANDLERS = {
  ['factory/prompt'] = function(lines, event)
    say(lines, 'You', text(event.text))
  end,
  assistant = function(lines, event, transcript)
    for _, block in ipairs(blocks(event.message.content)) do
      if block.type == 'text' then
        say(lines, 'Claude', text(block.text))
      elseif block.type == 'tool_use' then
        local call = vim.trim(('%s %s'):format(block.name, subject(block.input)))
        transcript.calls[block.id] = call
        vim.list_extend(lines, { '- ' .. call, '' })
      end
    end
  end,
  user = function(lines, event, transcript)
    for _, block in ipairs(blocks(event.message.content)) do
      if block.type == 'tool_result' and block.is_error == true then
        vim.list_extend(lines, { ('- %s: failed'):format(transcript.calls[block.tool_use_id] or 'a tool'), '' })
      end
    end
  end,
  result = function(lines, event)
    if vim.startswith(text(event.terminal_reason), 'aborted') then
      note(lines, 'interrupted')
    elseif event.is_error == true then
      say(lines, 'Failed', text(event.result) ~= '' and event.result or text(event.subtype))
    end
  end,
  system = function(lines, event)
    local words = SYSTEM[event.subtype]
    if words then
      note(lines, type(words) == 'string' and words or words(event))
    end
  end,
  ['factory/answer'] = function(lines, event)
    note(lines, ('you answered: %s'):format(text(event.decision)))
  end,
  ['factory/held'] = function(lines, event)
    note(lines, 'no further turn: ' .. text(event.why))
  end,
  ['factory/dropped'] = function(lines)
    note(lines, 'what waited to be sent was dropped')
  end,
  ['factory/red'] = function(lines, event)
    local command = text(event.command) ~= '' and event.command or text(event.check)
    note(lines, ('%s: exit %s before the fix'):format(command, value(event.code) or 'unknown'))
  end,
  ['factory/handedBack'] = function(lines, event)
    local why = vim.tbl_filter(function(line)
      return text(line) ~= ''
    end, blocks(event.why))
    note(lines, table.concat({ 'the fix was handed back: it cannot be pushed yet', unpack(why) }, '\n  '))
  end,
  ['factory/proved'] = function(lines, event)
    local proof = event.proof
    note(lines, ('%s: exit %s before, exit %s after; pushed'):format(proof.command, proof.red, proof.green))
  end,
  ['factory/notPushed'] = function(lines, event)
    note(lines, text(event.why))
  end,
  ['factory/exited'] = function(lines, event)
    note(lines, event.stopped and 'stopped' or 'Claude ended')
  end,
}

---Lines that an event adds; none for one that was taken before.
---@param transcript factory.Transcript
---@param seq integer
---@param event table
---@return string[]
function M.lines(transcript, seq, event)
  local lines = {}
  if seq > transcript.seen then
    transcript.seen = seq
    local handle = HANDLERS[event.type]
    if handle then
      handle(lines, event, transcript)
    end
  end
  return lines
end

return M
