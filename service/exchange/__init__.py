"""Excel and CSV in and out: bytes to typed rows and problems told in French, and typed rows to bytes.

`workbook` opens a stranger's file, `plan_reader` and `indicator_values` say what its rows mean, `merge` compares
a row with what the service holds, `plan_writer` exports. Nothing here records anything.
"""
