"""Checks a draw of the club with nothing but Python's standard library.

    python3 verify_draw.py draw PAGE.json [LIST.txt]     repeats the draw; with the list, all of it
    python3 verify_draw.py ticket PROOFS.json PAGE.json  that your tickets were in the list of the draw

PAGE.json is the public page's `draw` (or the whole page) as it was told after the draw; compare its
commitment with what was told before the first entry: keep a copy. LIST.txt has the published list, a line for
each entry, in order. PROOFS.json is what the club tells of your tickets. How a draw works is told in
lotteries.md. It ends with 0 where all is right, else with 1.
"""

import hashlib
import hmac
import json
import sys
import unicodedata
from pathlib import Path


def main(arguments):
    if len(arguments) in (2, 3) and arguments[0] == "draw":
        lines = None
        if len(arguments) == 3:
            lines = Path(arguments[2]).read_text("utf-8").splitlines()
        faults = faults_of_draw(read(arguments[1]), lines)
    elif len(arguments) == 3 and arguments[0] == "ticket":
        faults = faults_of_tickets(read(arguments[1]), read(arguments[2]))
    else:
        print(__doc__)
        return 2
    for fault in faults:
        print("WRONG:", fault)
    if not faults:
        print("All right.")
    return 1 if faults else 0


def read(path):
    page = json.loads(Path(path).read_text("utf-8"))
    return page.get("draw", page)


def faults_of_draw(page, lines):
    faults = []
    if page["seed"] is None or page["digest"] is None:
        return ["this draw was not held yet: there is no seed"]
    seed, root, entries = bytes.fromhex(page["seed"]), page["digest"], page["entries"]
    if hashlib.sha256(seed).hexdigest() != page["commitment"]:
        faults.append("the seed is not the one that was committed to")
    if page["public_value_source"] is not None and page["public_value"] is None:
        faults.append("a public value was announced, and none was mixed in")
    if lines is not None:
        if len(lines) != entries:
            faults.append(f"the list has {len(lines)} lines, not {entries}")
        if merkle_root([leaf(line) for line in lines]).hex() != root:
            faults.append("the list is not the one that the digest was made of")
    if faults:
        return faults
    drawn = drawing(seed, root, page["public_value"], entries)
    if lines is None:
        # Without the list nobody knows whose entries were passed over: winners must come in this order.
        for winner in page["winners"]:
            if all(position != winner["position"] for position in drawn):
                faults.append(f"rank {winner['rank']} was not drawn in this order")
                break
        return faults
    word = 1 if page["one_win_each"] == "participant" else 0
    expected, won = [], set()
    for position in drawn:
        if len(expected) == page["winners_wanted"]:
            break
        owner = lines[position].split(" ")[word]
        if owner not in won:
            won.add(owner)
            expected.append((position, lines[position]))
    told = [(each["position"], f"{each['ticket']} {each['participant']}") for each in page["winners"]]
    shown = min(len(expected), 1000)  # a page tells the first thousand
    if told != expected[:shown]:
        faults.append("the winners are not those that the draw gives")
    return faults


def faults_of_tickets(proofs, page):
    faults = []
    if proofs["digest"] is None or proofs["digest"] != page["digest"]:
        return ["the proofs are for another digest than the page's"]
    for each in proofs["proofs"]:
        is_right = each["entries"] == page["entries"] and each["entry"].split(" ")[0] == each["ticket"]
        if not is_right or not is_proved(each, page["digest"]):
            faults.append(f"ticket {each['ticket']} is not in the list")
        else:
            print(f"ticket {each['ticket']}: entry {each['position']} of {each['entries']}")
    if not proofs["proofs"]:
        faults.append("there is no ticket")
    return faults


def drawing(seed, root, public_value, entries):
    """Positions in the order in which they are drawn: Fisher and Yates with numbers of HMAC-SHA256."""
    value = " ".join(unicodedata.normalize("NFC", public_value or "").split()).encode()
    text = b"vafa draw 1" + bytes.fromhex(root) + entries.to_bytes(8, "big")
    text += len(value).to_bytes(4, "big") + value
    moved, counter = {}, 0
    for done in range(entries):
        left = entries - done
        fair = 2**256 - 2**256 % left
        while True:
            block = hmac.new(seed, text + counter.to_bytes(8, "big"), hashlib.sha256).digest()
            counter += 1
            number = int.from_bytes(block, "big")
            if number < fair:
                break
        taken = done + number % left
        position = moved.get(taken, taken)
        moved[taken] = moved.get(done, done)
        yield position


def leaf(entry):
    return hashlib.sha256(b"\0" + entry.encode()).digest()


def merkle_root(hashes):
    """RFC 6962, section 2.1."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        pairs = range(0, len(hashes) - 1, 2)
        above = [hashlib.sha256(b"\1" + hashes[at] + hashes[at + 1]).digest() for at in pairs]
        hashes = above + hashes[len(hashes) - len(hashes) % 2 :]
    return hashes[0]


def is_proved(proof, root):
    """RFC 9162, section 2.1.3.2."""
    position, last, found = proof["position"], proof["entries"] - 1, leaf(proof["entry"])
    if not 0 <= position <= last:
        return False
    for text in proof["path"]:
        if last == 0:
            return False
        neighbour = bytes.fromhex(text)
        if position % 2 or position == last:
            found = hashlib.sha256(b"\1" + neighbour + found).digest()
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + neighbour).digest()
        position, last = position >> 1, last >> 1
    return last == 0 and found.hex() == root


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
