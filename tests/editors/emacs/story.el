;; usage: emacs -q --batch --load story.el -- SERVER FILE
;; Eglot as README tells to set it up: the diagnostics arrive, move with the text, and a code action starts Claude.
;; Prints a JSON object with what was seen.
(package-initialize)
(require 'eglot)
(require 'json)

(defvar server (nth 1 command-line-args-left))
(defvar file (nth 2 command-line-args-left))

(defun wait-for (what condition)
  "Let Emacs work until CONDITION gives something, and return that."
  (let ((deadline (+ (float-time) 30)) (found nil))
    (while (not (setq found (funcall condition)))
      (when (> (float-time) deadline) (error "Not in time: %s" what))
      (accept-process-output nil 0.05))
    found))

(defun lines ()
  "Where the diagnostics stand."
  (flymake-start)
  (accept-process-output nil 0.05)
  (sort (mapcar (lambda (it) (line-number-at-pos (flymake-diagnostic-beg it))) (flymake-diagnostics)) #'<))

(defun two-lines-but (before)
  "Lines of two diagnostics that stand elsewhere than BEFORE."
  (wait-for "two diagnostics"
            (lambda () (let ((now (lines))) (and (= (length now) 2) (not (equal now before)) now)))))

(add-to-list 'eglot-server-programs `(python-mode . (,server)))
(setq eglot-sync-connect 30)
(find-file file)
(apply #'eglot (eglot--guess-contact))
(let* ((first (two-lines-but nil))
       (texts (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))
       (moved (progn (goto-char (point-min))
                     (insert "# one\n# two\n")
                     (eglot--signal-textDocument/didChange)
                     (two-lines-but first)))
       (actions (progn (goto-char (point-min))
                       (forward-line (1- (car moved)))
                       (append (eglot-code-actions (line-beginning-position) (line-end-position)) nil)))
       (fix (seq-find (lambda (it) (string-prefix-p "Fix with Claude" (plist-get it :title))) actions))
       (command (plist-get fix :command)))
  (eglot-execute-command (eglot--current-server-or-lose)
                         (intern (plist-get command :command))
                         (plist-get command :arguments))
  (princ (json-encode `((first . ,(vconcat first)) (moved . ,(vconcat moved)) (texts . ,(vconcat texts))
                        (titles . ,(vconcat (mapcar (lambda (it) (plist-get it :title)) actions)))))))
(set-buffer-modified-p nil)
