#!/usr/bin/perl
# Mail that assayd signed behind a real Postfix and a real Sendmail, as it left
# them, and what others say of its signatures: dkimpy and opendkim know both
# algorithms, Mail::DKIM knows RSA.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::DNS;
use Assay::Dir qw(slurp spew);
use Assay::Fetched qw(need);
use Assay::Postfix;
use Assay::Sendmail;
use Assay::Sink;
use Assay::SMTP qw(crlf);
use Assay::Verifiers;
use Assay::World qw(mail_text);

need(qw(postfix sendmail knotd opendkim));
my $top = $ENV{top_srcdir} // '.';
my $world = Assay::World->new;
my $dir = $world->dir;
my $assayd = $world->assayd(socket_mode => '0666', SOCKET => 'unix');
my %messages = (
    plain     => mail_text(from => 'Alice <alice@shop.example>'),
    folded    => mail_text(from => 'alice@shop.example', subject => "a long\n subject\n\tfolded twice",
        to => "One <one\@far.example>,\n  Two <two\@far.example>"),
    eight_bit => mail_text(from => "J\xc3\xb6rg <alice\@shop.example>", body => "gr\xc3\xbc\xc3\x9fe\n"),
    empty     => mail_text(from => 'alice@shop.example', body => ''),
    blanks    => mail_text(from => 'alice@shop.example', subject => "x \t ", body => "a \t\nb\n\n\n"),
    long      => mail_text(from => 'alice@shop.example', subject => join("\n ", map { "word$_ " . 'x' x 60 } 1 .. 60),
        fields => ['References: ' . join("\n\t", map { "<$_." . 'r' x 50 . '@shop.example>' } 1 .. 40),
            'In-Reply-To: <' . 'i' x 900 . '@shop.example>'], body => 'l' x 980 . "\n" . '.' x 300 . "\n"),
    # RFC 6376 section 5.6: ours goes above what is there.
    signed    => mail_text(from => 'alice@shop.example', top => "DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=x;\n"
        . " h=from:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\n"),
    sealed    => mail_text(from => 'alice@shop.example', fields => ['Sender: alice@shop.example',
        'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit',
        'Reply-To:', 'X-Empty:', 'Comments: ', "Keywords: \n a\n "]),
    list      => mail_text(from => 'alice@shop.example', fields => ['List-Unsubscribe: <https://x.example/u>',
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click', 'Reply-To: a@shop.example', 'Cc: c@far.example']),
);

# The records as the name server has them.
my @selectors = qw(testr teste);
my %records;
for my $s (@selectors) {
    my $name = "$s._domainkey.shop.example";
    $records{$name} = Assay::DNS::ask($world->dns->port, $name, 'TXT', tcp => 1)->{data}[0];
}
my $others = Assay::Verifiers->new($dir, \%records);

sub verified {
    my ($mta, $name, $octets) = @_;
    my $file = $dir->write("$mta-$name.eml", $octets);
    my @d = $octets =~ /^DKIM-Signature:(?:.|\n[ \t])*?\bd=([\w.]+)/mg;
    is_deeply [@d[0, 1]], ['shop.example', 'shop.example'], "$mta, $name: ours are on top" or diag "@d";
    my $python = $others->dkimpy($file);
    is scalar(() = $python =~ /\tpass\t/g), 2, "$mta, $name: dkimpy accepts both" or diag $python;
    my $perl = $others->maildkim($file);
    is scalar(() = $perl =~ /\tpass$/mg), 1, "$mta, $name: Mail::DKIM accepts RSA" or diag $perl;
    # opendkim -t reads a file line by line and loses blanks and empty fields.
    return if $mta eq 'Postfix-simple' && $name =~ /^(?:odd|sealed)$/;
    my $opendkim = $others->opendkim($file);
    like $opendkim, qr/dkim=pass [^;]*header\.s=$_\b/, "$mta, $name: opendkim accepts $_" for @selectors;
    return;
}

sub submit {
    my ($client, $sink, $n, $text) = @_;
    my $reply = $client->deliver(from => 'alice@shop.example', to => 'x@far.example', data => $text);
    like $reply, qr/^250/, 'submitted';
    my @all = $sink->wait_messages($n, 15);
    return $all[-1]{data};
}

my $sink = Assay::Sink->new($dir);
my $postfix = Assay::Postfix->new($dir, sink => $sink->port, milters => [$assayd->postfix_socket]);
my $n = 0;
for my $name (sort keys %messages) {
    my $c = Assay::SMTP->new($postfix->port);
    verified('Postfix', $name, submit($c, $sink, ++$n, $messages{$name}));
}
my $other = Assay::Sink->new($dir, name => 'sink-sendmail');
my $sendmail = Assay::Sendmail->new($dir, sink => $other->port, milters => [assay => $assayd->sendmail_socket],
    mc => "define(`confMUST_QUOTE_CHARS', `')dnl\n");
$n = 0;
for my $name (sort keys %messages) {
    my $c = Assay::SMTP->new($sendmail->port);
    verified('Sendmail', $name, submit($c, $other, ++$n, $messages{$name}));
}

# simple/simple forgives nothing: blanks and folding must arrive as they were.
my $strict = $world->assayd(socket_mode => '0666', SOCKET => 'unix', NAME => 'strict', canonicalization => 'simple/simple');
my %odd = (%messages, odd => mail_text(from => "\n alice\@shop.example", subject => "  two\n\t tabs\t", to => 'x@far.example')
    =~ s/^Message-ID: /Message-ID:\r\n  /mr);
my $third = Assay::Sink->new($dir, name => 'sink-strict');
my $exact = Assay::Postfix->new($dir, name => 'exact', sink => $third->port, milters => [$strict->postfix_socket]);
$n = 0;
for my $name (sort keys %odd) {
    my $c = Assay::SMTP->new($exact->port);
    my $out = submit($c, $third, ++$n, $odd{$name});
    like $out, qr{c=simple/simple}, "Postfix, $name: simple/simple";
    verified('Postfix-simple', $name, $out);
}
is $strict->stop_daemon, 0, 'it ends well';
$n = keys %messages;

# Address lists: what Sendmail writes anew is not signed, so that the
# signatures hold; all else is. t/unit/engine_sendmail.c has the same forms.
my %lists = (
    'a list'            => ['a@far.example, B <b@far.example>,  <c@far.example>', 1],
    'folded'            => ["a\@far.example,\n\tb\@far.example,\n  c\@far.example", 1],
    'a long list'       => [join(",\n ", map { "Number $_ <n$_\@far.example>" } 1 .. 40), 1],
    'a phrase'          => ['Ann Lee <a@far.example>', 1],
    'a quoted phrase'   => ['"J. Doe" <a@far.example>', 1],
    'an encoded word'   => ['=?utf-8?q?=C3=A4?= <a@far.example>', 1],
    'UTF-8'             => ["J\xc3\xb6rg <a\@far.example>", 1],
    'commas'            => ['a@far.example,b@far.example', 0],
    'a blank and comma' => ['a@far.example , b@far.example', 0],
    'no domain'         => ['a, b@far.example', 0],
    'a dot'             => ['J. Doe <a@far.example>', 0],
    'an apostrophe'     => ["O'Lee <a\@far.example>", 0],
    'a comment'         => ['a@far.example (Ann, Lee)', 0],
    'a group'           => ['friends: a@far.example;', 0],
    'a comma in quotes' => ['"Lee, Ann" <a@far.example>', 0],
    'no blank'          => ['Ann<a@far.example>', 0],
    'many commas'       => [',, a@far.example,,b@far.example,', 0],
);
for my $form (sort keys %lists) {
    my ($to, $signed) = @{ $lists{$form} };
    my $c = Assay::SMTP->new($sendmail->port);
    my $out = submit($c, $other, ++$n, mail_text(from => 'alice@shop.example', to => $to));
    my ($h) = map { s/\s//gr } $out =~ /\bh=([^;]*)/;
    is scalar($h =~ /:To\b/ ? 1 : 0), $signed, "Sendmail, $form: To is " . ($signed ? 'signed' : 'left out');
    verified('Sendmail', $form =~ s/ /-/gr, $out);
}
like $assayd->log, qr/signed=/, 'assayd signed';

# What would be cut on the way is not signed, and the log says why.
for ([Postfix => $postfix, $sink, 999], [Sendmail => $sendmail, $other, 991]) {
    my ($name, $mta, $into, $length) = @$_;
    my $c = Assay::SMTP->new($mta->port);
    my $reply = $c->deliver(from => 'alice@shop.example', to => 'x@far.example',
        data => mail_text(from => 'alice@shop.example', id => "long-$name", body => 'x' x $length . "\n"));
    like $reply, qr/^250/, "$name: a line of $length octets is accepted";
    my ($qid) = $reply =~ /queued as (\w+)|(\w{14,}) Message accepted/ ? $1 // $2 : '';
    ok $assayd->wait_log(qr/\Q$qid\E: .*signed=no why="[^"]*line/, 10), "$name: and not signed";
}
is $assayd->stop_daemon, 0, 'assayd ends well' or diag $assayd->log;
done_testing;
